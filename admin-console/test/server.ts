import { HttpResponse, http } from "msw";
import { setupServer } from "msw/node";
import type { Catalogue, Description, Resource } from "@/api/model";

/** Two small resources in the shapes that the server's description has. */
export const vehicles: Resource = {
  module: "fleet",
  name: "vehicles",
  path: "/api/v1/fleet/vehicles",
  title: ["plate_number"],
  verbs: ["list", "read", "create", "update", "delete", "import", "export", "history", "bulk"],
  fields: [
    { name: "plate_number", kind: "plate", required: true, unique: true, search: true, list: true, writable: true },
    {
      name: "vehicle_type",
      kind: "choice",
      required: true,
      filter: true,
      list: true,
      writable: true,
      values: ["motorcycle", "car"],
    },
    { name: "year", kind: "integer", filter: true, list: true, writable: true },
    { name: "mileage_km", kind: "decimal", scale: 2, unit: "km", default: "0", list: true, writable: true },
    { name: "purchase_price", kind: "money", scale: 2, writable: true },
    { name: "registration_expires_on", kind: "date", filter: true, writable: true },
    { name: "is_pool_vehicle", kind: "boolean", default: "false", filter: true, writable: true },
    {
      name: "status",
      kind: "choice",
      read_only: true,
      writable: false,
      filter: true,
      list: true,
      values: ["active", "retired"],
    },
    { name: "courier_id", kind: "reference", to: "fleet.couriers", filter: true, writable: true },
  ],
  actions: [],
};

export const couriers: Resource = {
  module: "fleet",
  name: "couriers",
  path: "/api/v1/fleet/couriers",
  title: ["full_name"],
  verbs: ["list", "read"],
  fields: [{ name: "full_name", kind: "text", required: true, list: true, writable: true }],
  actions: [],
};

export const catalogue: Catalogue = {
  module: { fleet: "Fleet" },
  resource: {
    "fleet.vehicles": {
      one: "Vehicle",
      many: "Vehicles",
      fields: {
        plate_number: { label: "Plate number" },
        vehicle_type: { label: "Type" },
        year: { label: "Model year" },
        purchase_price: { label: "Purchase price" },
        registration_expires_on: { label: "Registration expiry" },
      },
      choices: { vehicle_type: { motorcycle: "Motorcycle", car: "Car" } },
    },
  },
  problem: { required: "This is needed." },
};

export const session = {
  access_token: "token-1",
  token_type: "Bearer",
  expires_in_s: 900,
  user: { id: "u1", email: "owner@example.sa", full_name: "Sara Al-Harbi" },
  organization: { id: "o1", name: "Najd Express" },
  organizations: [{ id: "o1", name: "Najd Express" }],
  membership: "owner",
  roles: [],
};

export const description: Description = { modules: [{ name: "fleet", resources: [vehicles, couriers] }] };

/** The server of the tests: what every page asks. A test adds what is its own. */
export const server = setupServer(
  http.post("*/api/v1/auth/login", () => HttpResponse.json(session)),
  http.get("*/api/v1/locales/:language", () => HttpResponse.json(catalogue)),
  http.get("*/api/v1/description", () => HttpResponse.json(description)),
  http.get("*/api/v1/auth/me", () =>
    HttpResponse.json({
      ...session,
      organization: { ...session.organization, currency: "SAR", time_zone: "Asia/Riyadh", locale: "en", calendar: "" },
      permissions: [
        "vehicles.read",
        "plugins.read",
        "plugins.manage",
        "plugins.run",
        "plugin_tasks.resend",
        "plugin_tasks.discard",
      ],
    }),
  ),
);

export function problem(status: number, body: object = {}) {
  return HttpResponse.json(
    { status, code: "invalid", title: "Some values are not right.", ...body },
    {
      status,
      headers: { "Content-Type": "application/problem+json" },
    },
  );
}
