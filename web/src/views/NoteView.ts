import { element } from "./element";
import { type Words } from "./words";

export interface NoteAction {
  readonly label: string;
  readonly primary: boolean;
  readonly run: () => void;
}

/** One message on an empty page: the end of a call, a browser too old, a program that is gone. */
export function noteView(words: Words, details: readonly string[], actions: readonly NoteAction[]): HTMLElement {
  return element(
    "main",
    { class: "note" },
    element(
      "section",
      { class: "card", role: "status" },
      element("h1", { tabindex: -1 }, words.title),
      words.remedy === "" ? null : element("p", {}, words.remedy),
      details.length === 0 ? null : element("ul", {}, ...details.map((detail) => element("li", {}, detail))),
      element(
        "div",
        { class: "actions" },
        ...actions.map(({ label, primary, run }) =>
          element("button", { type: "button", class: primary ? "primary" : "plain", onclick: run }, label),
        ),
      ),
    ),
  );
}
