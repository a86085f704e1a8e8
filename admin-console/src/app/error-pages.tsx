import { type ErrorComponentProps, Link, useRouter } from "@tanstack/react-router";
import { CloudOff, MapPinOff, RotateCw } from "lucide-react";
import { useTranslation } from "react-i18next";
import { isProblem } from "@/lib/problem";
import { Button } from "@/ui/button";
import { Empty } from "@/ui/empty";
import { wordsFor } from "@/ui/error-note";

export function MissingPage() {
  const { t } = useTranslation();
  return (
    <main className="grid min-h-[60dvh] place-items-center">
      <Empty
        icon={MapPinOff}
        title={<h1>{t("errors.no_page")}</h1>}
        actions={
          <Button asChild variant="primary">
            <Link to="/">{t("errors.to_start")}</Link>
          </Button>
        }
      >
        {t("errors.no_page_hint")}
      </Empty>
    </main>
  );
}

export function FailedPage({ error, reset }: ErrorComponentProps) {
  const { t } = useTranslation();
  const router = useRouter();
  if (isProblem(error, 404)) return <MissingPage />;
  return (
    <main className="grid min-h-[60dvh] place-items-center">
      <Empty
        icon={CloudOff}
        title={<h1>{isProblem(error, 0) ? t("errors.unreachable_title") : t("errors.page_failed")}</h1>}
        actions={
          <Button
            variant="primary"
            onClick={async () => {
              await router.invalidate();
              reset();
            }}
          >
            <RotateCw aria-hidden />
            {t("common.retry")}
          </Button>
        }
      >
        <span role="alert">{wordsFor(error, t)}</span>
      </Empty>
    </main>
  );
}
