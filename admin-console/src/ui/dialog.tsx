import { X } from "lucide-react";
import { Dialog as Primitive } from "radix-ui";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { Button } from "./button";

interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  footer?: ReactNode;
  size?: "sm" | "md" | "lg";
  /** A sheet stands at the end of the page and is as high as it: for reading beside what was clicked. */
  sheet?: boolean;
  children?: ReactNode;
}

const SIZES = { sm: "sm:max-w-md", md: "sm:max-w-xl", lg: "sm:max-w-3xl" };

export function Dialog({ open, onOpenChange, title, description, footer, size = "sm", sheet, children }: DialogProps) {
  const { t } = useTranslation();
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className="fixed inset-0 z-40 animate-in bg-shade" />
        <Primitive.Content
          {...(description ? {} : { "aria-describedby": undefined })}
          className={cn(
            "fixed z-50 flex animate-in flex-col border-line bg-surface shadow-float focus:outline-none",
            sheet
              ? "inset-y-0 end-0 w-full border-s sm:w-[min(44rem,92vw)]"
              : "inset-x-0 bottom-0 max-h-[92dvh] rounded-t-2xl border sm:inset-0 sm:m-auto sm:h-fit sm:max-h-[86dvh] sm:rounded-2xl",
            sheet ? "" : SIZES[size],
          )}
        >
          <div className="flex items-start gap-4 border-line border-b px-5 py-4">
            <div className="min-w-0 flex-1">
              <Primitive.Title className="font-semibold text-ink text-lg">{title}</Primitive.Title>
              {description ? (
                <Primitive.Description className="mt-1 text-muted text-sm">{description}</Primitive.Description>
              ) : null}
            </div>
            <Primitive.Close asChild>
              <Button variant="ghost" size="icon-sm" aria-label={t("common.close")} className="-me-2">
                <X aria-hidden />
              </Button>
            </Primitive.Close>
          </div>
          {children ? <div className="scroll-thin min-h-0 flex-1 overflow-y-auto px-5 py-4">{children}</div> : null}
          {footer ? (
            <div className="flex flex-wrap justify-end gap-2 border-line border-t bg-sunken px-5 py-3 sm:rounded-b-2xl">
              {footer}
            </div>
          ) : null}
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
