import js from "@eslint/js";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist", "node_modules"] },
  js.configs.recommended,
  {
    files: ["**/*.ts"],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      "@typescript-eslint/restrict-template-expressions": ["error", { allowNumber: true }],
    },
  },
  {
    files: ["**/*.{js,mjs}"],
    languageOptions: {
      globals: {
        process: "readonly",
        console: "readonly",
        Buffer: "readonly",
        setTimeout: "readonly",
        clearTimeout: "readonly",
        setInterval: "readonly",
        clearInterval: "readonly",
        URL: "readonly",
        document: "readonly",
        window: "readonly",
        performance: "readonly",
        AudioContext: "readonly",
        AudioBufferSourceNode: "readonly",
        AudioNode: "readonly",
        AudioDestinationNode: "readonly",
        AudioWorkletNode: "readonly",
        Blob: "readonly",
        Event: "readonly",
        MediaStream: "readonly",
        VideoFrame: "readonly",
        CanvasRenderingContext2D: "readonly",
        HTMLCanvasElement: "readonly",
        WebGL2RenderingContext: "readonly",
        btoa: "readonly",
        navigator: "readonly",
        requestAnimationFrame: "readonly",
      },
    },
  },
);
