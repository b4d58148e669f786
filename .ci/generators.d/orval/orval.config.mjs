// The address is told when it is run.
export default {
  pledgebook: {
    input: "../openapi.json",
    output: {
      target: "client/pledgebook.ts",
      schemas: "client/model",
      client: "fetch",
      mode: "split",
      override: { fetch: { includeHttpResponseReturnType: true } },
      baseUrl: { runtime: "process.env.PLEDGEBOOK_URL" },
    },
  },
};
