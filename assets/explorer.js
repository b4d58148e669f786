// Starts the explorer on this register's own description. It asks no other server for anything.
"use strict";

// The register may stand below a path of its proxy's.
const here = document.currentScript.src;

/** Leaves out the paths of forms, `/v1/pledges.csv`: what is said of the path without the ending names them. */
const withoutForms = () => {
  let before, shown;
  const isPlain = (operation) => !/\.(csv|ndjson)$/.test(operation.get("path"));
  return {
    statePlugins: {
      spec: {
        wrapSelectors: {
          taggedOperations: (selector) => (...asked) => {
            const all = selector(...asked);
            // The same as long as that is, so that nothing is drawn anew.
            if (all !== before) shown = all.map((tag) => tag.update("operations", (them) => them.filter(isPlain)));
            before = all;
            return shown;
          },
        },
      },
    },
  };
};

window.addEventListener("DOMContentLoaded", () => {
  window.explorer = SwaggerUIBundle({
    url: new URL("../openapi.json", here).pathname,
    dom_id: "#explorer",
    presets: [SwaggerUIBundle.presets.apis],
    plugins: [withoutForms],
    layout: "BaseLayout",
    deepLinking: true,
    docExpansion: "list",
    defaultModelsExpandDepth: 0,
    displayRequestDuration: true,
    filter: true,
    tryItOutEnabled: true,
    // A badge of the description's validity would be asked of a server elsewhere.
    validatorUrl: null,
  });
});
