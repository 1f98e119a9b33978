// No recorder: what the page costs by itself.
export const none = { name: "none", source: "" };
