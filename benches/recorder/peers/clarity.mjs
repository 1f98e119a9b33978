// Clarity with its defaults.
export const clarity = {
  name: "Clarity",
  package: "clarity-js",
  source: `
    import { clarity } from "clarity-js";
    clarity.start({ projectId: "bench", upload: location.origin + "/collect" });`,
  answer: (path) => (path === "/collect" ? "" : undefined),
};
