import { useMutation } from "@tanstack/react-query";
import { useBlocker, useNavigate } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { isProblem } from "@/lib/problem";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Confirm } from "@/ui/confirm";
import { Dialog } from "@/ui/dialog";
import { ErrorNote } from "@/ui/error-note";
import { describedBy, Field, Input, Select, Textarea } from "@/ui/field";
import { Note } from "@/ui/note";
import { toast } from "@/ui/toast";
import { accessChanged, changeRole, createRole, type Role } from "./access-api";
import { PermissionEditor } from "./permission-editor";
import { copied, differences, type Given, givenOf, listOf, type Part, type Places, rebased } from "./permissions";
import { Differences, TurnCounts } from "./turn-badge";

interface RoleFormProps {
  /** The role to change; without it a new one is made. */
  role?: Role;
  /** What a new one starts from. */
  from?: Role | undefined;
  /** What a new one can start from. */
  roles?: Role[];
  parts: Part[];
  places: Places;
  /** Whether the form is what one looks at: the bar at the bottom belongs to it. */
  shown: boolean;
}

interface Draft {
  name: string;
  description: string;
  given: Given;
}

const NOTHING: Given = new Map();

/** Name, description and permissions of a role; what changes is looked at before it is saved. */
export function RoleForm({ role, from, roles, parts, places, shown }: RoleFormProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const navigate = useNavigate();
  const copy = useMemo(() => copied(givenOf(from?.permissions ?? [], places), places), [from, places]);
  const start = (one: Role | undefined): Draft => ({
    name: one?.name ?? (from ? t("roles.copy_name", { name: from.name }) : ""),
    description: one?.description ?? (one ? "" : (from?.description ?? "")),
    given: one ? givenOf(one.permissions, places) : copy.given,
  });
  /** The version that one's changes are made on. */
  const [base, setBase] = useState(() => ({ version: role?.version ?? null, ...start(role) }));
  const [draft, setDraft] = useState<Draft>(base);
  const [reviewing, setReviewing] = useState(false);
  const saved = useRef(false);
  const changes = useMemo(() => differences(base.given, draft.given), [base.given, draft.given]);
  const textsDiffer = draft.name !== base.name || draft.description !== base.description;
  const isDirty = textsDiffer || changes.length > 0;

  const version = role?.version ?? null;
  if (role && version !== base.version && !isDirty) {
    const newer = { version, ...start(role) };
    setBase(newer);
    setDraft(newer);
  }
  function takeNewer() {
    const newer = { version, ...start(role) };
    setDraft({
      name: draft.name === base.name ? newer.name : draft.name,
      description: draft.description === base.description ? newer.description : draft.description,
      given: rebased(base.given, draft.given, newer.given),
    });
    setBase(newer);
    save.reset();
  }

  const save = useMutation({
    mutationFn: () => {
      const body = { name: draft.name.trim(), description: draft.description.trim(), permissions: listOf(draft.given) };
      return role ? changeRole(role.id, { ...body, version: base.version }) : createRole(body);
    },
    onSuccess: async (result) => {
      saved.current = true;
      setReviewing(false);
      toast(t("form.saved", { title: result.name }));
      if (!role) await navigate({ to: "/settings/roles/$id", params: { id: result.id } });
      else {
        const now = { version: result.version ?? null, ...start(result) };
        setBase(now);
        setDraft(now);
        saved.current = false;
      }
    },
    onError: (error) => {
      // What is wrong with the texts is shown at them.
      if (isProblem(error, 422)) setReviewing(false);
      if (isProblem(error, 412)) {
        setReviewing(false);
        void accessChanged();
      }
    },
  });
  // What this very form saves is not somebody else's.
  const isStale = role !== undefined && version !== base.version && !save.isPending;
  const leaving = useBlocker({
    shouldBlockFn: ({ current, next }) => isDirty && !saved.current && current.pathname !== next.pathname,
    enableBeforeUnload: () => isDirty && !saved.current,
    withResolver: true,
  });
  const errorOf = (field: string) =>
    isProblem(save.error) ? save.error.errors.find((one) => one.field === field)?.message : undefined;
  const nameError = errorOf("name");
  const descriptionError = errorOf("description");
  const otherError = save.error && !nameError && !descriptionError && !isProblem(save.error, 412) ? save.error : null;

  return (
    <form
      noValidate
      className={isDirty || !role ? "pb-24" : ""}
      onSubmit={(event) => {
        event.preventDefault();
        if (isDirty || !role) setReviewing(true);
      }}
    >
      {isStale || isProblem(save.error, 412) ? (
        <Note
          kind="warn"
          title={t("form.stale_title")}
          className="mb-4"
          actions={
            <Button size="sm" className="self-center" onClick={takeNewer} disabled={!isStale}>
              {t("form.stale_reload")}
            </Button>
          }
        >
          {t("form.stale_hint")}
        </Note>
      ) : null}
      {otherError && !reviewing ? <ErrorNote error={otherError} className="mb-4" /> : null}
      {copy.less.length > 0 ? (
        <Note kind="warn" title={t("roles.less_title")} className="mb-4">
          {t("roles.less_hint", { count: copy.less.length, shown: format.number(copy.less.length) })}
        </Note>
      ) : null}
      <Card className="mb-5 grid gap-x-5 gap-y-4 p-5 sm:grid-cols-2">
        <Field id="role-name" label={t("roles.name")} required error={nameError}>
          <Input
            id="role-name"
            dir="auto"
            maxLength={100}
            required
            value={draft.name}
            aria-invalid={nameError ? true : undefined}
            aria-describedby={describedBy("role-name", undefined, nameError)}
            onChange={(event) => setDraft({ ...draft, name: event.target.value })}
          />
        </Field>
        {roles ? (
          <Field id="role-from" label={t("roles.from")}>
            <Select
              id="role-from"
              value={from?.id ?? ""}
              onChange={(event) =>
                navigate({ to: ".", search: event.target.value ? { from: event.target.value } : {}, replace: true })
              }
            >
              <option value="">{t("roles.from_nothing")}</option>
              {roles.map((one) => (
                <option key={one.id} value={one.id}>
                  {one.name}
                </option>
              ))}
            </Select>
          </Field>
        ) : null}
        <Field
          id="role-description"
          label={t("roles.description")}
          error={descriptionError}
          className={roles ? "sm:col-span-2" : ""}
        >
          <Textarea
            id="role-description"
            dir="auto"
            rows={2}
            maxLength={500}
            className="min-h-9"
            value={draft.description}
            aria-invalid={descriptionError ? true : undefined}
            aria-describedby={describedBy("role-description", undefined, descriptionError)}
            onChange={(event) => setDraft({ ...draft, description: event.target.value })}
          />
        </Field>
      </Card>
      <PermissionEditor
        parts={parts}
        given={draft.given}
        base={role || from ? base.given : undefined}
        onChange={(update) => setDraft((now) => ({ ...now, given: update(now.given) }))}
      />
      {shown && (isDirty || !role) ? (
        <div className="fixed inset-x-0 bottom-0 z-20 border-line border-t bg-surface/95 px-4 py-3 backdrop-blur sm:px-6 lg:start-[var(--rail)]">
          <div className="flex flex-wrap items-center justify-end gap-2">
            <p className="me-auto text-muted text-sm" aria-live="polite">
              {role || from ? (
                <TurnCounts items={changes} />
              ) : (
                t("roles.permissions", { count: draft.given.size, shown: format.number(draft.given.size) })
              )}
            </p>
            {role ? (
              <Button onClick={() => setDraft(base)}>{t("roles.discard")}</Button>
            ) : (
              <Button onClick={() => navigate({ to: "/settings/roles" })}>{t("common.cancel")}</Button>
            )}
            <Button type="submit" variant="primary">
              {t("roles.review")}
            </Button>
          </div>
        </div>
      ) : null}
      <Dialog
        open={reviewing}
        onOpenChange={setReviewing}
        size="md"
        title={role ? t("roles.review_title", { name: base.name }) : t("roles.review_new", { name: draft.name })}
        description={
          role && role.members > 0
            ? t("roles.acts_on", { count: role.members, shown: format.number(role.members) })
            : t("roles.acts_on_nobody")
        }
        footer={
          <>
            <Button onClick={() => setReviewing(false)}>{t("roles.back")}</Button>
            <Button variant="primary" busy={save.isPending} onClick={() => save.mutate()}>
              {role ? t("form.save") : t("form.create")}
            </Button>
          </>
        }
      >
        {save.error ? <ErrorNote error={save.error} className="mb-4" /> : null}
        {draft.name !== base.name && role ? (
          <p className="mb-2 text-sm">{t("roles.renamed", { before: base.name, after: draft.name })}</p>
        ) : null}
        {role && draft.description !== base.description ? (
          <p className="mb-2 text-sm">{t("roles.redescribed")}</p>
        ) : null}
        {from ? <p className="mb-3 text-muted text-sm">{t("roles.against", { name: from.name })}</p> : null}
        {role || from ? (
          changes.length > 0 ? (
            <Differences items={changes} parts={parts} places={places} />
          ) : (
            <p className="text-muted text-sm">{t("roles.no_permission_changes")}</p>
          )
        ) : (
          <Differences items={differences(NOTHING, draft.given)} parts={parts} places={places} />
        )}
      </Dialog>
      <Confirm
        open={leaving.status === "blocked"}
        onOpenChange={(open) => (open ? undefined : leaving.reset?.())}
        title={t("form.leave_title")}
        description={t("form.leave_hint")}
        confirm={t("form.leave")}
        danger
        onConfirm={() => leaving.proceed?.()}
      />
    </form>
  );
}
