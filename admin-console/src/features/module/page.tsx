import { useParams } from "@tanstack/react-router";
import { ModuleHome } from "./module-home";

export function ModulePage() {
  const { module = "" } = useParams({ strict: false });
  return <ModuleHome key={module} name={module} />;
}
