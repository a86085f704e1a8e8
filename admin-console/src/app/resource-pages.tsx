import { useQuery } from "@tanstack/react-query";
import { useLocation, useNavigate, useParams } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import type { Resource, Row } from "@/api/model";
import { useResource } from "@/lib/account";
import { useLabels } from "@/lib/labels";
import { rowQuery, titleOf } from "@/lib/resource-api";
import { ResourceDetail } from "@/resource/detail/resource-detail";
import { ResourceForm } from "@/resource/form/resource-form";
import { iconOf } from "@/resource/icons";
import { ResourceList } from "@/resource/list/resource-list";
import type { ListSearch } from "@/resource/list/search";
import { ResourceTrail } from "@/resource/resource-trail";
import { ErrorNote } from "@/ui/error-note";
import { PageHead } from "@/ui/page";
import { PageSkeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import { MissingPage } from "./error-pages";

/** The resource that an address names, if this caller may see it. */
function useAddressed(): { resource: Resource | undefined; search: ListSearch; id: string } {
  const { module = "", resource: name = "", id = "" } = useParams({ strict: false });
  const { search } = useLocation();
  return { resource: useResource(`${module}.${name}`), search: search as ListSearch, id };
}

const paramsOf = (resource: Resource) => ({ module: resource.module, resource: resource.name });

export function ListPage() {
  const navigate = useNavigate();
  const { resource, search } = useAddressed();
  if (!resource?.verbs.includes("list")) return <MissingPage />;
  return (
    <ResourceList
      key={resource.path}
      resource={resource}
      search={search}
      icon={iconOf(resource.module, resource.name)}
      onSearch={(next) => navigate({ to: "/$module/$resource", params: paramsOf(resource), search: next })}
    />
  );
}

export function CreatePage() {
  const { t } = useTranslation();
  const labels = useLabels();
  const navigate = useNavigate();
  const { resource, search } = useAddressed();
  if (!resource?.verbs.includes("create")) return <MissingPage />;
  const back = { to: "/$module/$resource", params: paramsOf(resource) } as const;
  return (
    <>
      <PageHead trail={<ResourceTrail resource={resource} />} title={t("list.new", { what: labels.one(resource) })} />
      <ResourceForm
        resource={resource}
        preset={search}
        onCancel={() => navigate(back)}
        onSaved={(row) => {
          toast(t("form.created", { what: labels.one(resource), title: titleOf(resource, row) }));
          navigate({ to: "/$module/$resource/$id", params: { ...paramsOf(resource), id: row.id } });
        }}
      />
    </>
  );
}

export function EditPage() {
  const { resource, id } = useAddressed();
  if (!resource?.verbs.includes("update")) return <MissingPage />;
  return <Edit key={id} resource={resource} id={id} />;
}

function Edit({ resource, id }: { resource: Resource; id: string }) {
  const { t } = useTranslation();
  const labels = useLabels();
  const navigate = useNavigate();
  // The version a form was opened with is the one it names in If-Match; it is renewed only when the reader asks.
  const row = useQuery({ ...rowQuery(resource, id), refetchOnWindowFocus: false, refetchOnReconnect: false });
  if (row.isPending) return <PageSkeleton />;
  if (row.isError) return <ErrorNote error={row.error} onRetry={row.refetch} />;
  const detail = { to: "/$module/$resource/$id", params: { ...paramsOf(resource), id } } as const;
  const title = titleOf(resource, row.data);
  return (
    <>
      <PageHead
        trail={
          <ResourceTrail
            resource={resource}
            more={[{ label: title, to: `/${resource.module}/${resource.name}/${id}` }]}
          />
        }
        title={t("form.edit", { what: labels.one(resource) })}
      />
      <ResourceForm
        resource={resource}
        row={row.data}
        onReload={() => row.refetch()}
        onCancel={() => navigate(detail)}
        onSaved={(saved: Row) => {
          toast(t("form.saved", { title: titleOf(resource, saved) }));
          navigate(detail);
        }}
      />
    </>
  );
}

export function DetailPage() {
  const navigate = useNavigate();
  const { resource, search, id } = useAddressed();
  if (!resource?.verbs.includes("read")) return <MissingPage />;
  return (
    <ResourceDetail
      key={id}
      resource={resource}
      id={id}
      tab={search.tab}
      onTab={(tab) =>
        navigate({
          to: "/$module/$resource/$id",
          params: { ...paramsOf(resource), id },
          search: tab ? { tab } : {},
          replace: true,
        })
      }
    />
  );
}
