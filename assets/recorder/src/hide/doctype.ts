// hide/doctype.ts - what a document type may say. Twin of src/policy/doctype.rs. A page can write any text there; the few that
// browsers know decide how the page is laid out, the others say nothing.

const NAME = /^[a-z]{1,20}$/i;
const PUBLIC = /^(-\/\/(W3C|IETF|W3O)\/\/DTD [\w. -]{1,40}\/\/[A-Z]{2})?$/i;
const SYSTEM = /^(about:legacy-compat|http:\/\/www\.w3\.org\/TR\/[\w./-]{1,60})?$/i;

/** Name, public and system identifier, each as it is or left out. */
export const hideDoctype = (name: string, publicId: string, systemId: string): [string, string, string] => [
  NAME.test(name) ? name : "html",
  PUBLIC.test(publicId) ? publicId : "",
  SYSTEM.test(systemId) ? systemId : "",
];
