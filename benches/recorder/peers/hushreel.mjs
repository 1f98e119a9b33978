// Ours, as the real server serves it, sending to the real server.
export const hushreel = { name: "hushreel" };
