import { type PictureHeader } from "../media/item";
import { colourConversion } from "./colour";
import { type IPainter } from "./IPainter";

// One triangle that covers the picture; texture coordinates point down, as the rows come.
const vertexSource = `#version 300 es
out vec2 place;
void main() {
  vec2 corner = vec2((gl_VertexID << 1) & 2, gl_VertexID & 2);
  place = vec2(corner.x, 1.0 - corner.y);
  gl_Position = vec4(corner * 2.0 - 1.0, 0.0, 1.0);
}`;

const fragmentSource = `#version 300 es
precision highp float;
uniform sampler2D luma;
uniform sampler2D cb;
uniform sampler2D cr;
uniform vec3 offset;
uniform mat3 matrix;
in vec2 place;
out vec4 colour;
void main() {
  vec3 yuv = vec3(texture(luma, place).r, texture(cb, place).r, texture(cr, place).r);
  colour = vec4(clamp(matrix * (yuv + offset), 0.0, 1.0), 1.0);
}`;

/** Three one-byte planes as textures; the shader does colours and chroma upsampling. */
export class WebGlPainter implements IPainter {
  private readonly offset: WebGLUniformLocation | null;
  private readonly matrix: WebGLUniformLocation | null;
  private width = 0;
  private height = 0;
  private colours = "";

  private constructor(
    private readonly gl: WebGL2RenderingContext,
    program: WebGLProgram,
  ) {
    gl.useProgram(program);
    // Rows have no padding (WebGL would assume multiples of four bytes).
    gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
    ["luma", "cb", "cr"].forEach((name, unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
      for (const parameter of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, parameter, gl.LINEAR);
      for (const parameter of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, parameter, gl.CLAMP_TO_EDGE);
      gl.uniform1i(gl.getUniformLocation(program, name), unit);
    });
    this.offset = gl.getUniformLocation(program, "offset");
    this.matrix = gl.getUniformLocation(program, "matrix");
  }

  /** Null where there is no WebGL2, or no GPU behind it. */
  static open(canvas: HTMLCanvasElement): WebGlPainter | null {
    // Kept after drawing, so that a screenshot or a test reads the picture that is seen.
    const gl = canvas.getContext("webgl2", {
      alpha: false,
      antialias: false,
      depth: false,
      preserveDrawingBuffer: true,
      failIfMajorPerformanceCaveat: true,
    });
    if (gl === null) return null;
    const program = gl.createProgram();
    for (const [kind, source] of [
      [gl.VERTEX_SHADER, vertexSource],
      [gl.FRAGMENT_SHADER, fragmentSource],
    ] as const) {
      const shader = gl.createShader(kind);
      if (shader === null) return null;
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (gl.getProgramParameter(program, gl.LINK_STATUS) !== true) {
      console.warn("The shader does not link:", gl.getProgramInfoLog(program));
      return null;
    }
    return new WebGlPainter(gl, program);
  }

  paint(header: PictureHeader, planes: Uint8Array): void {
    const { gl } = this;
    const { width, height } = header;
    const chromaWidth = Math.ceil(width / 2);
    const chromaHeight = Math.ceil(height / 2);
    if (width !== this.width || height !== this.height) this.resize(width, height, chromaWidth, chromaHeight);
    const colours = `${header.matrix} ${String(header.fullRange)}`;
    if (colours !== this.colours) {
      this.colours = colours;
      const conversion = colourConversion(header.matrix, header.fullRange);
      gl.uniform3fv(this.offset, conversion.offset);
      gl.uniformMatrix3fv(this.matrix, false, conversion.matrix);
    }
    const luma = width * height;
    const chroma = chromaWidth * chromaHeight;
    this.upload(0, width, height, planes.subarray(0, luma));
    this.upload(1, chromaWidth, chromaHeight, planes.subarray(luma, luma + chroma));
    this.upload(2, chromaWidth, chromaHeight, planes.subarray(luma + chroma, luma + 2 * chroma));
    gl.drawArrays(gl.TRIANGLES, 0, 3);
  }

  close(): void {
    this.gl.getExtension("WEBGL_lose_context")?.loseContext();
  }

  private resize(width: number, height: number, chromaWidth: number, chromaHeight: number): void {
    const { gl } = this;
    this.width = gl.canvas.width = width;
    this.height = gl.canvas.height = height;
    gl.viewport(0, 0, width, height);
    [width, chromaWidth, chromaWidth].forEach((planeWidth, unit) => {
      gl.activeTexture(gl.TEXTURE0 + unit);
      gl.texImage2D(gl.TEXTURE_2D, 0, gl.R8, planeWidth, unit === 0 ? height : chromaHeight, 0, gl.RED, gl.UNSIGNED_BYTE, null);
    });
  }

  private upload(unit: number, width: number, height: number, plane: Uint8Array): void {
    const { gl } = this;
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, 0, width, height, gl.RED, gl.UNSIGNED_BYTE, plane);
  }
}
