import "./style.css";
import { openSession } from "./control/session";
import { Page } from "./views/Page";
import { missingFeatures } from "./views/support";

const host = document.getElementById("page");
if (host === null) throw new Error("index.html has no #page.");

const page = new Page(host);
const missing = missingFeatures();
if (missing.length > 0) {
  page.apply({ type: "unsupported", missing });
} else if (await openSession()) {
  page.connect();
} else {
  page.apply({ type: "refused" });
}
