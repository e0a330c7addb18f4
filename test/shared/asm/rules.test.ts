import { describe, expect, it } from "vitest";
import {
  meshNameFault,
  portListFault,
  rangeListFault,
  tagKeyFault,
  tagValueFault,
  versionFault,
} from "../../../shared/asm/rules.ts";

type Rows = [string, string | undefined][];

describe("the name of a mesh", () => {
  const rows: Rows = [
    ["mesh", undefined],
    ["m-1-2", undefined],
    [`a${"b".repeat(63)}`, undefined],
    ["abc", 'must have 4 to 64 characters; "abc" has 3'],
    [`a${"b".repeat(64)}`, `must have 4 to 64 characters; "a${"b".repeat(64)}" has 65`],
    ["1mesh", "must start with a lower-case letter"],
    ["Mesh", "must start with a lower-case letter"],
    ["-mesh", "must start with a lower-case letter"],
    ["mesh-", "must not end with a hyphen"],
    ["mesh_1", "may hold only lower-case letters, digits and hyphens"],
    ["meshA1", "may hold only lower-case letters, digits and hyphens"],
    ["mesh\n", "may hold only lower-case letters, digits and hyphens"],
    ["mésh1", "may hold only lower-case letters, digits and hyphens"],
  ];
  it.each(rows)("%j → %j", (name, fault) => expect(meshNameFault(name)).toBe(fault));
});

describe("the version of a mesh", () => {
  const rows: Rows = [
    ["1.18", undefined],
    ["1.18.7", undefined],
    ["1.18.7-r5", undefined],
    ["v1.18", undefined],
    ["v1.18.7-r10", undefined],
    ["1", 'must be a version such as 1.18, 1.18.7 or 1.18.7-r5, not "1"'],
    ["latest", 'must be a version such as 1.18, 1.18.7 or 1.18.7-r5, not "latest"'],
    ["1.18-r5", 'must be a version such as 1.18, 1.18.7 or 1.18.7-r5, not "1.18-r5"'],
    ["V1.18", 'must be a version such as 1.18, 1.18.7 or 1.18.7-r5, not "V1.18"'],
    ["1.18.7-r5 ", 'must be a version such as 1.18, 1.18.7 or 1.18.7-r5, not "1.18.7-r5 "'],
  ];
  it.each(rows)("%j → %j", (version, fault) => expect(versionFault(version)).toBe(fault));
});

describe("a list of ports", () => {
  const rows: Rows = [
    ["80", undefined],
    ["1,443,65535", undefined],
    ["", "must name ports such as 80,443, or be left out"],
    ["80, 443", "must be ports with commas and no spaces, such as 80,443"],
    ["80,,443", '"" is not a port from 1 to 65535'],
    ["0", '"0" is not a port from 1 to 65535'],
    ["65536", '"65536" is not a port from 1 to 65535'],
    ["080", '"080" is not a port from 1 to 65535'],
    ["80-90,*", '"80-90" is not a port from 1 to 65535; "*" is not a port from 1 to 65535'],
  ];
  it.each(rows)("%j → %j", (ports, fault) => expect(portListFault(ports)).toBe(fault));
});

describe("a list of IP ranges", () => {
  const rows: Rows = [
    ["10.247.0.0/16", undefined],
    ["0.0.0.0/0,10.0.0.1/32", undefined],
    ["fd00::/8,::/0,2001:db8::1/128", undefined],
    ["", "must name IP ranges such as 10.247.0.0/16,10.0.0.0/8, or be left out"],
    [
      "10.0.0.0/8, 11.0.0.0/8",
      "must be IP ranges with commas and no spaces, such as 10.247.0.0/16,10.0.0.0/8",
    ],
    ["10.0.0.1", '"10.0.0.1" has no prefix length; for one address write 10.0.0.1/32'],
    ["fd00::1", '"fd00::1" has no prefix length; for one address write fd00::1/128'],
    ["10.0.0.0/33", '"10.0.0.0/33" has a prefix length that is not 0 to 32'],
    ["fd00::/129", '"fd00::/129" has a prefix length that is not 0 to 128'],
    ["10.0.0.0/", '"10.0.0.0/" has a prefix length that is not 0 to 32'],
    ["10.0.0.0/08", '"10.0.0.0/08" has a prefix length that is not 0 to 32'],
    ["10.0.0.0/8/8", '"10.0.0.0/8/8" is not an IP range such as 10.247.0.0/16'],
    ["10.0.0/8", '"10.0.0/8" is not an IP range such as 10.247.0.0/16'],
    ["256.0.0.0/8", '"256.0.0.0/8" is not an IP range such as 10.247.0.0/16'],
    ["fe80::1%eth0/64", '"fe80::1%eth0/64" is not an IP range such as 10.247.0.0/16'],
    ["*", '"*" is not an IP range such as 10.247.0.0/16'],
  ];
  it.each(rows)("%j → %j", (ranges, fault) => expect(rangeListFault(ranges)).toBe(fault));
});

describe("the key of a tag", () => {
  const characters = "may hold only letters, digits, spaces, Chinese characters and _ . : / = + - @";
  const rows: Rows = [
    ["team", undefined],
    ["a b_.:/=+-@9", undefined],
    ["团队", undefined],
    ["k".repeat(128), undefined],
    ["", "must have 1 to 128 characters, not 0"],
    ["k".repeat(129), "must have 1 to 128 characters, not 129"],
    ["_sys_team", "must not start with _sys_, which is kept for the system"],
    ["team!", characters],
    ["a,b", characters],
    ["a\tb", characters],
  ];
  it.each(rows)("%j → %j", (key, fault) => expect(tagKeyFault(key)).toBe(fault));
});

describe("the value of a tag", () => {
  const rows: Rows = [
    ["", undefined],
    ["_sys_fine", undefined],
    ["v".repeat(255), undefined],
    ["v".repeat(256), "must have at most 255 characters, not 256"],
    ["100%", "may hold only letters, digits, spaces, Chinese characters and _ . : / = + - @"],
  ];
  it.each(rows)("%j → %j", (value, fault) => expect(tagValueFault(value)).toBe(fault));
});
