// Starts the explorer on this register's own description. It asks no other server for anything.
"use strict";

// The register may stand below a path of its proxy's.
const here = document.currentScript.src;

// As the sheet has it.
const phone = window.matchMedia("(max-width: 40rem)");

/** Shows nothing of what the page says itself: which API this is. */
const withoutTitle = () => ({ components: { InfoContainer: () => null } });

/** On a phone one operation is open at a time; the sheet hides the others meanwhile. */
const oneAtATime = () => {
  let open;
  return {
    statePlugins: {
      layout: {
        wrapActions: {
          show: (show) => (thing, isShown = true) => {
            const isOperation = thing[0] === "operations";
            if (isOperation && isShown && phone.matches) {
              if (open && open.join() !== thing.join()) show(open, false);
              open = thing;
            }
            const shown = show(thing, isShown);
            if (isOperation && phone.matches) {
              // Where it stood among the others is elsewhere now.
              const id = thing.map((word) => String(word).replaceAll(" ", "_")).join("-");
              requestAnimationFrame(() => document.getElementById(id)?.scrollIntoView({ block: isShown ? "start" : "center" }));
            }
            return shown;
          },
        },
      },
    },
  };
};

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
    plugins: [withoutTitle, withoutForms, oneAtATime],
    layout: "BaseLayout",
    deepLinking: true,
    docExpansion: phone.matches ? "none" : "list",
    defaultModelsExpandDepth: -1,
    displayRequestDuration: true,
    filter: true,
    tryItOutEnabled: true,
    // Its colours are of one ground only.
    syntaxHighlight: false,
    // A badge of the description's validity would be asked of a server elsewhere.
    validatorUrl: null,
  });
});
