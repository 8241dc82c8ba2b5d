import { defineConfig } from "vitest/config";

export default defineConfig({
  // The program serves the page from the root of its own port.
  base: "/",
  build: {
    outDir: "dist",
    target: "es2022",
    // The content security policy of the program is 'self': nothing may hide in a data: address.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  worker: { format: "es" },
  test: {
    environment: "happy-dom",
    include: ["tests/**/*.test.ts"],
  },
});
