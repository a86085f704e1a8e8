import { X } from "lucide-react";
import { Dialog } from "radix-ui";
import { useTranslation } from "react-i18next";
import { Button } from "@/ui/button";
import { Rail } from "./rail";

/** The menu of narrow screens: it slides over the page and goes with a choice, a press beside it or Escape. */
export function Drawer({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return (
    <Dialog.Root open onOpenChange={(open) => open || onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 animate-in bg-shade" />
        <Dialog.Content
          aria-describedby={undefined}
          className="scroll-thin fixed inset-y-0 start-0 z-50 w-72 max-w-[85vw] overflow-y-auto bg-sunken shadow-float focus:outline-none"
        >
          <Dialog.Title className="sr-only">{t("nav.menu")}</Dialog.Title>
          <Dialog.Close asChild>
            <Button variant="ghost" size="icon" aria-label={t("common.close")} className="absolute end-2 top-2.5 z-10">
              <X aria-hidden />
            </Button>
          </Dialog.Close>
          <Rail />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
