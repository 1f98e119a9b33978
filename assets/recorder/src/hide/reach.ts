// hide/reach.ts - which pages are recorded at all. Twin of src/policy/reach.rs, which sees the path reduced.

const segmentsOf = (path: string): string[] => path.replace(/\/$/, "").split("/");

/** Whether a page of this path is one that the policy records. */
export const isRecorded = (path: string, { only_urls, skip_urls }: { only_urls: string[]; skip_urls: string[] }): boolean => {
  const segments = segmentsOf(path).map((segment) => segment.split(";")[0]!);
  const fits = (pattern: string): boolean => {
    const wanted = segmentsOf(pattern);
    const rest = wanted.at(-1) === "*" && wanted.pop();
    return (
      (rest ? wanted.length <= segments.length : wanted.length === segments.length) &&
      wanted.every((want, at) => (want[0] === ":" ? segments[at] : want === segments[at]))
    );
  };
  return (!only_urls.length || only_urls.some(fits)) && !skip_urls.some(fits);
};
