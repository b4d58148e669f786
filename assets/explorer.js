// Starts the explorer on this register's own description. It asks no other server for anything.
"use strict";

// The register may stand below a path of its proxy's.
const here = document.currentScript.src;

window.addEventListener("DOMContentLoaded", () => {
  window.explorer = SwaggerUIBundle({
    url: new URL("../openapi.json", here).pathname,
    dom_id: "#explorer",
    presets: [SwaggerUIBundle.presets.apis],
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
