import { useParams } from "@tanstack/react-router";
import { useResource } from "@/lib/account";
import { ImportWizard } from "@/resource/import/import-wizard";
import { MissingPage } from "./error-pages";

export function ImportPage() {
  const { module = "", resource: name = "" } = useParams({ strict: false });
  const resource = useResource(`${module}.${name}`);
  if (!resource?.verbs.includes("import")) return <MissingPage />;
  return <ImportWizard key={resource.path} resource={resource} />;
}
