"use strict";
const dark = matchMedia("(prefers-color-scheme: dark)");
const paint = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", paint);
paint();

// Descriptions are CommonMark without HTML: what looks like a tag is text, except in
// code, which is text anyway.
const inert = (source) =>
  String(source ?? "").split(/(`+[^`]*`+)/).map((part, i) => i % 2 ? part : part.replace(/<(?=[a-z\/!?])/gi, "&lt;")).join("");
const plain = () => ({
  wrapComponents: {
    Markdown: (Original, system) => (props) => system.React.createElement(Original, { ...props, source: inert(props.source) }),
  },
});

// The document comes from the directory of this page, whatever host that is on.
const ui = SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#page",
  deepLinking: true,
  plugins: [plain],
  validatorUrl: null,
  tryItOutEnabled: true,
  displayRequestDuration: true,
  showExtensions: true,
  defaultModelsExpandDepth: 0,
  onComplete() {
    const info = ui.specSelectors.info();
    document.title = info && info.get("title") || document.title;
  },
});
