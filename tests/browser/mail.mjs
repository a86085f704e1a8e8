// A mail server that keeps what it takes.
import { once } from "node:events";
import { simpleParser } from "mailparser";
import { SMTPServer } from "smtp-server";

export async function openMailbox() {
  const letters = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, session, done) {
      const recipients = session.envelope.rcptTo.map((one) => one.address);
      simpleParser(stream).then((letter) => {
        letters.push({ recipients, subject: letter.subject, text: letter.text, html: letter.html });
        done();
      }, done);
    },
  });
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  return {
    url: `smtp://127.0.0.1:${server.server.address().port}`,
    /** The link in the letter to somebody that has this subject; every letter is handed out once. */
    async link(recipient, subject, timeout_ms = 30_000) {
      const deadline = Date.now() + timeout_ms;
      while (Date.now() < deadline) {
        const at = letters.findIndex((letter) => letter.recipients.includes(recipient) && subject.test(letter.subject));
        if (at >= 0) return letters.splice(at, 1)[0].text.match(/https?:\/\/\S+/)[0];
        await new Promise((done) => setTimeout(done, 100));
      }
      throw new Error(`no letter ${subject} to ${recipient}, only ${JSON.stringify(letters.map(({ recipients, subject }) => [recipients, subject]))}`);
    },
    stop: () => new Promise((done) => server.close(done)),
  };
}
