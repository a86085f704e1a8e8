import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { Eye, Headset, LogOut } from "lucide-react";
import { type ReactNode, useEffect } from "react";
import { useTranslation } from "react-i18next";
import { parentQuery } from "@/features/settings/group-api";
import { type Me, useMe } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { queryClient } from "@/lib/query";
import { leaveAsSupport, switchOrganization } from "@/lib/session";
import { Button } from "@/ui/button";
import { wordsFor } from "@/ui/error-note";
import { toast } from "@/ui/toast";

/** In whose place one is here, until when, and the way out: seen all the time. */
export function VisitBanner() {
  const { support } = useMe();
  return support ? <SupportBanner support={support} /> : <VisitorBanner />;
}

function SupportBanner({ support }: { support: NonNullable<Me["support"]> }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { organization } = useMe();
  // The server refuses from that moment on; the page must not pretend otherwise.
  useEffect(() => {
    const timer = setTimeout(leaveAsSupport, Math.max(0, Date.parse(support.ends_at) - Date.now()));
    return () => clearTimeout(timer);
  }, [support.ends_at]);
  return (
    <Frame
      icon={<Headset aria-hidden />}
      title={t("support_access.banner", {
        staff: support.staff_name,
        member: support.on_behalf_of_name,
        name: organization.name,
      })}
      hint={t("support_access.banner_until", { when: format.instant(support.ends_at), reason: support.reason })}
      action={
        <Button size="sm" onClick={leaveAsSupport}>
          <LogOut aria-hidden className="rtl:-scale-x-100" />
          {t("support_access.leave")}
        </Button>
      }
    />
  );
}

function VisitorBanner() {
  const { t } = useTranslation();
  const format = useFormat();
  const router = useRouter();
  const { organization, organizations } = useMe();
  const parent = useQuery(parentQuery).data;
  const home = parent?.id ?? organizations.find((one) => one.id !== organization.id)?.id;
  const back = useMutation({
    mutationFn: switchOrganization,
    onSuccess: async () => {
      queryClient.removeQueries({ predicate: (query) => query.queryKey[0] !== "locales" });
      await router.navigate({ to: "/settings/group" });
      await router.invalidate();
    },
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  return (
    <Frame
      icon={<Eye aria-hidden />}
      title={t("family.banner", { name: organization.name })}
      hint={parent?.view ? t("family.banner_until", { when: format.instant(parent.view.ends_at) }) : null}
      action={
        home ? (
          <Button size="sm" busy={back.isPending} onClick={() => back.mutate(home)}>
            <LogOut aria-hidden className="rtl:-scale-x-100" />
            {parent?.name ? t("family.back", { name: parent.name }) : t("family.back_own")}
          </Button>
        ) : null
      }
    />
  );
}

interface FrameProps {
  icon: ReactNode;
  title: string;
  hint: string | null;
  action: ReactNode;
}

function Frame({ icon, title, hint, action }: FrameProps) {
  return (
    <div
      role="status"
      className="flex flex-wrap items-center gap-x-3 gap-y-2 border-warn/30 border-b bg-warn-soft px-3 py-2 text-sm text-warn sm:px-6 [&_svg]:size-4 [&_svg]:shrink-0"
    >
      {icon}
      <p className="min-w-40 flex-1">
        <span className="font-medium">{title}</span> {hint ? <span className="text-ink">{hint}</span> : null}
      </p>
      {action}
    </div>
  );
}
