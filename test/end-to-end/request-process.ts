import { readConfig } from "../../shared/config.ts";
import { parseMeshRequest } from "../../shared/request/mesh-request.ts";
import { builtInFlow } from "../../workflows/cli/built-in-flows.ts";
import { compose } from "../../workflows/cli/composition.ts";
import { openJournal } from "../../workflows/runner/journal.ts";
import { createRunner } from "../../workflows/runner/runner.ts";

/**
 * One create request through the real flow, journal, client and functions; killed with SIGKILL where the
 * environment says so. `KILL_AT` is `commit:before:3` (just before the third journal write reaches the disk),
 * `commit:after:3`, `http:before:2` (before the second call is sent) or `http:after:2` (after its answer).
 * Prints, as its last line, how many journal writes and calls there were and how the execution ended.
 */
const [what, when, count] = (process.env.KILL_AT ?? "").split(":");
const seen = { "commit:before": 0, "commit:after": 0, "http:before": 0, "http:after": 0 };

function reach(point: keyof typeof seen): void {
  seen[point] += 1;
  if (point === `${what}:${when}` && seen[point] === Number(count)) process.kill(process.pid, "SIGKILL");
}

const config = readConfig();
const journal = openJournal(config.journal, {
  beforeCommit: () => reach("commit:before"),
  afterCommit: () => reach("commit:after"),
});
const { invoke } = await compose(config, {
  fetch: async (...request) => {
    reach("http:before");
    const answer = await fetch(...request);
    reach("http:after");
    return answer;
  },
});
const runner = createRunner({ journal, invoke });
const definition = builtInFlow("create-mesh");
for (const state of definition.states) if (state.type === "Sleep") state.duration = 1;
const request = parseMeshRequest({
  requestId: "kill-test",
  action: "create",
  mesh: {
    name: "kill-test",
    version: "1.18",
    clusters: [{ id: "11111111-2222-3333-4444-555555555555", nodes: ["node-1", "node-2"] }],
  },
  actor: { source: "direct" },
});
const handle = await runner.start({
  definition,
  input: { request },
  key: request.requestId,
  ignoreDifferences: ["$.request.requestedAt", "$.request.deadline"],
});
const { status, output } = await handle.result();
const history = runner.history(handle.id).map(({ type, stateId }) => `${type} ${stateId}`);
await runner.close();
journal.close();
console.log(
  JSON.stringify({ status, output, history, commits: seen["commit:after"], calls: seen["http:after"] }),
);
