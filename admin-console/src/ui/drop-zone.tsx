import { FileUp, LoaderCircle } from "lucide-react";
import { useRef, useState } from "react";
import { cn } from "@/lib/cn";

interface DropZoneProps {
  /** Nothing is taken meanwhile. */
  busy: boolean;
  /** Endings of names that the chooser offers: `.csv,.xlsx`. */
  accept: string;
  /** What the chooser is for. */
  label: string;
  /** What is said instead while busy. */
  busyLabel?: string;
  hint: string;
  onFile: (file: File) => void;
}

/** Takes one file, chosen or dropped. */
export function DropZone({ busy, accept, label, busyLabel = label, hint, onFile }: DropZoneProps) {
  const chooser = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  const take = (file: File | undefined) => file && !busy && onFile(file);
  return (
    <>
      <input
        ref={chooser}
        type="file"
        accept={accept}
        aria-label={label}
        className="sr-only"
        tabIndex={-1}
        onChange={(event) => {
          take(event.target.files?.[0]);
          event.target.value = "";
        }}
      />
      <button
        type="button"
        disabled={busy}
        onClick={() => chooser.current?.click()}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          take(event.dataTransfer.files[0]);
        }}
        className={cn(
          "flex w-full flex-col items-center gap-2 rounded-xl border-2 border-line-strong border-dashed px-6 py-10 text-center transition-colors hover:bg-hover disabled:opacity-70",
          over && "border-accent bg-accent-soft",
        )}
      >
        {busy ? (
          <LoaderCircle className="size-7 animate-spin text-accent-text" aria-hidden />
        ) : (
          <FileUp className="size-7 text-accent-text" aria-hidden />
        )}
        <span className="font-medium">{busy ? busyLabel : label}</span>
        <span className="text-faint text-sm">{hint}</span>
      </button>
    </>
  );
}
