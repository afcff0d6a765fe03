// A client that type-checks against the generated types: right calls compile, and
// each call below an @ts-expect-error must not, else tsc fails.
import createClient from "openapi-fetch";
import type { components, paths } from "./generated.js";

const client = createClient<paths>({ baseUrl: "http://localhost/api/v1" });

type Product = components["schemas"]["Product"];
type ProductInput = components["schemas"]["ProductInput"];

export async function right(): Promise<void> {
  const list = await client.GET("/products", { params: { query: { limit: 5, tag: ["a"], level: "low" } } });
  const names: string[] = list.data?.items.map((p) => p.name) ?? [];
  const price: components["schemas"]["MoneyInput"] = { cents: "100", currency: "EUR" };
  const body: ProductInput = { name: "Chair", level: "high", price, note: null, reason: "new" };
  const created = await client.POST("/products", { body });
  const id: number | undefined = created.data?.id;
  const one = await client.GET("/products/{id}", { params: { path: { id: id ?? 1 } } });
  const missing: string | undefined = one.error && "message" in one.error ? one.error.message : undefined;
  await client.PATCH("/products/{id}", { params: { path: { id: 1 } }, body: { name: null } });
  await client.DELETE("/products/{id}", { params: { path: { id: 1 } } });
  console.log(names, missing);
}

export async function wrong(): Promise<void> {
  // @ts-expect-error a string is no limit
  await client.GET("/products", { params: { query: { limit: "5" } } });
  // @ts-expect-error no such level
  await client.GET("/products", { params: { query: { level: "middle" } } });
  // @ts-expect-error the path parameter is missing
  await client.GET("/products/{id}", {});
  // @ts-expect-error no such path
  await client.GET("/product", {});
  // @ts-expect-error no such method on the path
  await client.PUT("/products", {});
  // @ts-expect-error the name is required
  const body: ProductInput = { level: "low", price: { cents: "1", currency: "EUR" } };
  // @ts-expect-error no such member
  const other: ProductInput = { name: "a", level: "low", price: { cents: "1", currency: "EUR" }, colour: "red" };
  // @ts-expect-error a quoted number is a string
  const cents: components["schemas"]["Money"] = { cents: 1, currency: "EUR" };
  // @ts-expect-error what is always written is no optional member
  const product: Product = { name: "a" };
  console.log(body, other, cents, product);
}
