import { useMutation } from "@tanstack/react-query";
import { Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Resource } from "@/api/model";
import { download } from "@/lib/api";
import { Button } from "@/ui/button";
import { wordsFor } from "@/ui/error-note";
import { toast } from "@/ui/toast";
import type { Upload } from "./import-api";

interface RejectedButtonProps {
  resource: Resource;
  upload: Upload;
  small?: boolean;
}

/** The bad rows as they were, with the reasons beside them: to be corrected and imported again. */
export function RejectedButton({ resource, upload, small }: RejectedButtonProps) {
  const { t } = useTranslation();
  const save = useMutation({
    mutationFn: () => download(`${resource.path}/imports/${upload.id}/rejected`, {}, `rejected-${upload.file_name}`),
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  return (
    <Button size={small ? "sm" : "md"} busy={save.isPending} onClick={() => save.mutate()}>
      <Download aria-hidden />
      {t("import.download_rejected")}
    </Button>
  );
}
