import {
  ArrowLeftRight,
  Bike,
  Blocks,
  Boxes,
  Building2,
  CreditCard,
  Fuel,
  type LucideIcon,
  Package,
  Settings2,
  ShieldCheck,
  Truck,
  Users,
} from "lucide-react";

const RESOURCES: Record<string, LucideIcon> = {
  "fleet.couriers": Bike,
  "fleet.vehicles": Truck,
  "fleet.vehicle_assignments": ArrowLeftRight,
  "fleet.fuel_logs": Fuel,
  "fleet.fuel_transactions": CreditCard,
};

const MODULES: Record<string, LucideIcon> = {
  fleet: Truck,
  hr: Users,
  operations: Package,
  accommodation: Building2,
  integrations: Blocks,
  admin: ShieldCheck,
  workflow: Settings2,
};

/** A resource nobody drew an icon for wears its module's. */
export function iconOf(module: string, name: string): LucideIcon {
  return RESOURCES[`${module}.${name}`] ?? MODULES[module] ?? Boxes;
}
