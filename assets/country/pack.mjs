// Packs ranges of addresses and their countries into `ranges.br`, which the binary carries. README.md beside it says where they come from.
//   node pack.mjs ip2country-v4.tsv ip2country-v6.tsv
// Each line: first address, last address, two letters. The file: countries of two letters, 0 is unknown; then for each family a
// count, the distances between the beginnings of ranges, and a country a range. A range ends where the next begins.
import { readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, constants } from "node:zlib";

const [v4, v6] = process.argv.slice(2).map((path) => readFileSync(path, "utf8").split("\n").filter(Boolean).map((line) => line.split("\t")));

const fromV4 = (address) => address.split(".").reduce((sum, part) => sum * 256n + BigInt(part), 0n);

/** The first half of the address: nobody gives a household less. */
function fromV6(address) {
  const [head, tail] = address.split("::").map((half) => (half ? half.split(":") : []));
  const groups = tail ? [...head, ...Array(8 - head.length - tail.length).fill("0"), ...tail] : head;
  return groups.slice(0, 4).reduce((sum, group) => sum * 65536n + BigInt(parseInt(group, 16)), 0n);
}

const countries = ["--"];
function codeOf(country) {
  if (!/^[A-Z]{2}$/.test(country)) return 0;
  if (!countries.includes(country)) countries.push(country);
  return countries.indexOf(country);
}

/** Beginnings of ranges, each with its country; what lies between ranges is unknown, and neighbours of one country are one. */
function rangesOf(lines, read) {
  const ranges = lines.map(([first, last, country]) => [read(first), read(last), codeOf(country)]).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const starts = [[0n, 0]];
  for (const [first, last, code] of ranges) {
    // Parts of one half belong to whoever comes first.
    if (first < starts.at(-1)[0]) continue;
    if (first === starts.at(-1)[0]) starts.pop();
    starts.push([first, code], [last + 1n, 0]);
  }
  return starts.filter(([, code], at) => at === 0 || code !== starts[at - 1][1]);
}

function varint(number) {
  const bytes = [];
  for (; number >= 128n; number /= 128n) bytes.push(Number(number % 128n) + 128);
  return [...bytes, Number(number)];
}

const family = (starts) => [
  ...varint(BigInt(starts.length)),
  ...starts.flatMap(([start], at) => varint(at ? start - starts[at - 1][0] : start)),
  ...starts.map(([, code]) => code),
];

const families = [rangesOf(v4, fromV4), rangesOf(v6, fromV6)];
const bytes = Buffer.from([countries.length, ...Buffer.from(countries.join("")), ...families.flatMap(family)]);
const packed = brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_LGWIN]: 24, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length } });
writeFileSync(new URL("ranges.br", import.meta.url), packed);
console.log(`${families[0].length} and ${families[1].length} ranges of ${countries.length - 1} countries: ${bytes.length} bytes, ${packed.length} packed`);
