import { Dashboard } from "@/features/fleet/dashboard";
import { Setup } from "@/features/setup/setup";

/** The first page: what is still to be set up stands before what goes on. */
export function Home() {
  return <Dashboard start={<Setup />} />;
}
