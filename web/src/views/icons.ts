/** Outlines on a grid of 24, drawn for this page. */
const outlines = {
  microphone: ["M12 3a3 3 0 0 1 3 3v5a3 3 0 0 1-6 0V6a3 3 0 0 1 3-3z", "M5.5 11a6.5 6.5 0 0 0 13 0", "M12 17.5V21"],
  camera: ["M3 7h12v10H3z", "M15 11l6-4v10l-6-4z"],
  screen: ["M3 4h18v12H3z", "M9 20h6", "M12 16v4"],
  hangup: ["M3 14c5-5 13-5 18 0l-3 3-3.5-2v-2.5a9 9 0 0 0-5 0V15L6 17z"],
  full: ["M4 9V4h5", "M15 4h5v5", "M20 15v5h-5", "M9 20H4v-5"],
  statistics: ["M4 20h16", "M7 16v-5", "M12 16V5", "M17 16V9"],
  lab: ["M9 3h6", "M10 3v6l-5 9a2 2 0 0 0 2 3h10a2 2 0 0 0 2-3l-5-9V3", "M8 15h8"],
  theme: ["M12 4a8 8 0 1 0 8 8 6 6 0 0 1-8-8z"],
  close: ["M6 6l12 12", "M18 6L6 18"],
  slash: ["M4 4l16 16"],
} as const;

export type IconName = keyof typeof outlines;

export function icon(...names: IconName[]): SVGSVGElement {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  for (const outline of names.flatMap((name) => [...outlines[name]])) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", outline);
    svg.append(path);
  }
  return svg;
}
