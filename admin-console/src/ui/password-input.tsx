import { Eye, EyeOff } from "lucide-react";
import { type ComponentProps, useState } from "react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import { Input } from "./field";

export function PasswordInput({ className, ...props }: ComponentProps<typeof Input>) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  const Icon = shown ? EyeOff : Eye;
  return (
    <div className="relative">
      <Input {...props} type={shown ? "text" : "password"} className={cn("pe-11", className)} />
      <button
        type="button"
        aria-label={shown ? t("auth.hide_password") : t("auth.show_password")}
        onClick={() => setShown(!shown)}
        className="absolute inset-y-0 end-1.5 my-auto grid size-8 place-items-center rounded text-faint hover:text-ink"
      >
        <Icon className="size-4" aria-hidden />
      </button>
    </div>
  );
}
