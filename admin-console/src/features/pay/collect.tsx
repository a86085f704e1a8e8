import { useMutation } from "@tanstack/react-query";
import { PackageCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { Button } from "@/ui/button";
import { wordsFor } from "@/ui/error-note";
import { toast } from "@/ui/toast";
import { collectWork } from "./pay-api";
import type { Run } from "./shapes";

/** Brings the month's work from the company's own deliveries and fuel, for who has a target and no work on record. */
export function Collect({ run }: { run: Run }) {
  const { t } = useTranslation();
  const format = useFormat();
  const collect = useMutation({
    mutationFn: () => collectWork(run),
    onSuccess: ({ couriers }) => toast(t("pay.collected", { count: couriers, shown: format.number(couriers) })),
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  return (
    <Button busy={collect.isPending} onClick={() => collect.mutate()}>
      <PackageCheck aria-hidden />
      {t("pay.collect")}
    </Button>
  );
}
