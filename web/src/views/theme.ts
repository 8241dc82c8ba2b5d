export type Theme = "dark" | "light";

const key = "mlvcrtc-theme";

let chosen = read();

/** What the person chose here before, else what the system prefers. */
export function currentTheme(): Theme {
  return chosen ?? (matchMedia("(prefers-color-scheme: light)").matches ? "light" : "dark");
}

export function applyTheme(theme: Theme): void {
  document.documentElement.dataset["theme"] = theme;
}

/** Calls back when the system's preference changes, which counts as long as nothing was chosen. */
export function onThemeChange(changed: () => void): void {
  matchMedia("(prefers-color-scheme: light)").addEventListener("change", changed);
}

export function chooseTheme(theme: Theme): void {
  chosen = theme;
  try {
    localStorage.setItem(key, theme);
  } catch {
    // Storage may be switched off; the choice then lasts as long as the page.
  }
}

function read(): Theme | null {
  try {
    const stored = localStorage.getItem(key);
    return stored === "dark" || stored === "light" ? stored : null;
  } catch {
    return null;
  }
}
