// Lists and calls the tools of examples/tools as a client of the TypeScript SDK, which
// judges every message by the schemas of the protocol and every structured result by the
// output schema of its tool. Prints what it got.
//
//	node mcp.mjs stdio|http PROGRAM
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport } from "@modelcontextprotocol/sdk/client/streamableHttp.js";

const [kind, program] = process.argv.slice(2);

// freePort is one that nothing listens on.
function freePort() {
  return new Promise((resolve, reject) => {
    const s = createServer().listen(0, "127.0.0.1", () => {
      const { port } = s.address();
      s.close(() => resolve(port));
    });
    s.on("error", reject);
  });
}

async function listening(url) {
  for (let i = 0; i < 200; i++) {
    try {
      await fetch(url);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
  throw new Error("the server does not listen");
}

let server, transport;
if (kind === "stdio") {
  transport = new StdioClientTransport({ command: program, env: { ...process.env, USERS_TOKEN: "secret" } });
} else {
  const addr = "127.0.0.1:" + (await freePort());
  server = spawn(program, ["-http", "-addr", addr], { stdio: "ignore" });
  await listening(`http://${addr}/users`);
  transport = new StreamableHTTPClientTransport(new URL(`http://${addr}/mcp`), {
    requestInit: { headers: { Authorization: "Bearer secret" } },
  });
}

const client = new Client({ name: "judge", version: "1.0.0" });
try {
  await client.connect(transport);
  const { tools } = await client.listTools();
  const found = await client.callTool({ name: "find_users", arguments: { name: "ada" } });
  const added = await client.callTool({ name: "add_user", arguments: { name: "Grace", email: "grace@example.com" } });
  const refused = await client.callTool({ name: "add_user", arguments: { email: "grace" } });
  const unknown = await client.callTool({ name: "delete_user", arguments: {} }).catch((err) => err);
  console.log(
    JSON.stringify({
      tools: tools.map((t) => t.name).sort(),
      found: found.structuredContent,
      added: added.structuredContent,
      refused: { isError: refused.isError, places: [...refused.content[0].text.matchAll(/^(\/[^:]*):/gm)].map((m) => m[1]).sort() },
      unknown: unknown.code,
    }),
  );
} finally {
  await client.close();
  server?.kill();
}
