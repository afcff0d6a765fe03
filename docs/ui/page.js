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
    // A list looks for an input for the type and format of its items, and warns on the
    // console where there is none, as for int64. It then takes a text input, which is right.
    JsonSchema_array: (Original, system) => (props) => system.React.createElement(Original, {
      ...props, getComponent: (name, container, config) => props.getComponent(name, container, { ...config, failSilently: true }),
    }),
  },
});

// A script may not set the Cookie header. Cookies of this origin are set for the time of
// the request instead, unless the browser has one of that name already.
const lent = [];
const lend = (request) => {
  const sent = request.headers && request.headers.Cookie;
  if (!sent) return request;
  delete request.headers.Cookie;
  if (new URL(request.url, location.href).origin !== location.origin) return request;
  const names = document.cookie.split("; ").map((pair) => pair.split("=")[0]);
  for (const pair of sent.split("; ")) {
    const name = pair.split("=")[0];
    if (names.includes(name)) continue;
    document.cookie = `${pair}; path=/; SameSite=Strict`;
    lent.push(name);
  }
  return request;
};
const takeBack = (response) => {
  for (const name of lent.splice(0)) document.cookie = `${name}=; path=/; max-age=0`;
  return response;
};

// Where the document is, this page's meta element says; a relative place is relative to
// the page, whatever host that is on.
const ui = SwaggerUIBundle({
  url: document.querySelector("meta[name=document]").content,
  oauth2RedirectUrl: new URL("oauth2-redirect.html", location.href).href,
  requestInterceptor: lend,
  responseInterceptor: takeBack,
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

// Public clients prove by PKCE (RFC 7636) that the code was theirs.
ui.initOAuth({ usePkceWithAuthorizationCodeGrant: true });
