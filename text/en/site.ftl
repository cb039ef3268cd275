### Pages of the house itself: sign-in, account, officers, record, messages.

menu-home = Today
menu-officers = Officers
menu-record = Record
menu-disclosures = Disclosures
menu-operation = Operation
menu-group-house = This bureau

role-administrator = Administrator
role-administrator-hint = Appoints officers, sets posts and territories; decides no licence
role-clerk = Counter clerk
role-clerk-hint = Takes applications in, asks for what is missing, accepts, hands papers over
role-inspector = Inspector
role-inspector-hint = Checks on site; needs a valid enforcement certificate
role-reviewer = Section head
role-reviewer-hint = Reviews and accepts; imports and exports the register
role-head = Head of bureau
role-head-hint = Decides; never what he prepared himself
role-auditor = Auditor
role-auditor-hint = Reads everything with its proofs and changes nothing

list-comma = , {""}
list-count = { $count ->
    [one] { $count } entry
   *[other] { $count } entries
}
list-position = Page { $page } of { $pages }
list-apply = Filter
list-clear = Clear
list-all = All
list-empty = Nothing matches
list-empty-advice = Widen or clear the filter.

form-errors = Please correct the following
form-cancel = Cancel

urgency-late = Late
urgency-warned = Due soon
urgency-calm = Under way

home-title = Today
home-lead = { $count ->
    [one] { $count } matter waits for you
   *[other] { $count } matters wait for you
}
home-waiting = Waiting for you
home-matter = Matter
home-what = To do
home-due = Due
home-urgency = State
home-nothing = Nothing waits for you
home-nothing-advice = New matters will be listed here.

search-title = Search
search-words = Search words
search-button = Search
search-hint = Licence or paper number, name of a holder or outlet, address, or name of an officer.
search-found = Found for “{ $query }”
search-nothing = Nothing found for “{ $query }”
search-nothing-advice = Check the number, or enter only a part of it. The search covers what you may see.
search-name = Name
search-kind = Kind
search-detail = Detail
found-officer = Officer

sign-in-title = Sign in
sign-in-login = Login name
sign-in-password = Password
sign-in-button = Sign in
sign-in-help = If you have forgotten your password, ask your administrator for a new one.
sign-in-refusal = Login name or password is wrong.
sign-in-refusal-used = This one-time password has been used already. Ask your administrator for a new one; if it was not you who used it, say so.

account-title = My account
account-password-change = Change password
account-devices = Devices signed in
account-device = Device
account-address = Network address
account-opened = Signed in
account-seen = Last used
account-end = Action
account-this-device = This device
account-end-device = Sign this device out
account-devices-help = A device is signed out after thirty minutes without use, and twelve hours after it signed in. If you see one that is not yours, sign it out and change your password.
account-device-ended = The device has been signed out.
account-password-changed = The password has been changed; all other devices have been signed out.

password-title = Change password
password-forced = You signed in with a one-time password. Choose your own first.
password-current = Present password
password-new = New password
password-again = New password again
password-hint = At least 10 characters; a sentence you remember is good, special signs are not needed.
password-button = Save new password
password-refusal-short = A password has at least { $least } characters.
password-refusal-long = A password has at most { $most } characters.
password-refusal-plain = This password is too easy to guess. It must not hold your login name either.
password-refusal-current = The present password is wrong.
password-refusal-same = The new password must differ from the present one.
password-refusal-again = The two new passwords differ.

officers-title = Officers
officers-appoint = Appoint an officer
officers-words = Name or login name
officer-name = Name
officer-login = Login name
officer-login-hint = Lower-case letters, digits, dot, hyphen or underscore, 2 to 32 of them
officer-role = Post
officer-roles = Posts
officer-team = Team
officer-territory = Territory
officer-territory-hint = Division codes or their first digits, apart by spaces, such as 330421
officer-state = State
officer-active = In office
officer-gone = Left
officer-certificates = Enforcement certificates
officer-post = Post and account
officer-roles-change = Change posts
officer-territory-change = Change territory
officer-team-change = Change team
officer-password-reset = Reset password
officer-password-question = All devices of this officer will be signed out, and a new one-time password is needed. Reset it?
officer-password-yes = Reset password
officer-dismiss = Dismiss
officer-dismiss-question = The account is closed for good; what the officer did stays. Dismiss?
officer-dismiss-yes = Dismiss
officer-acts = What was done
officer-changed = Changed and recorded.
officer-certificate-registered = The certificate has been entered.
officer-certificate-ended = The certificate has been ended.
officer-dismissed = Dismissed; this account can no longer sign in.
officer-refusal-login-form = A login name has 2 to 32 lower-case letters, digits, dots, hyphens or underscores.
officer-refusal-login-taken = This login name is taken; that of an officer who left is not given again.
officer-refusal-name-missing = Enter a name.
officer-refusal-roles-missing = Choose at least one post.
officer-refusal-territory = “{ $code }” is no division code.
officer-refusal-dismissed = This officer has left; nothing can be changed any more.
officer-refusal-last-administrator = This is the last administrator. Appoint another one first.
officer-refusal-administrator-exists = There is an administrator already, who can appoint others.
officer-refusal-certificate-number = Enter the number of the certificate.
officer-refusal-certificate-twice = This certificate has been entered already.
officer-refusal-certificate-days = The last day must not lie before the first.
officer-refusal-certificate-unknown = There is no certificate of this number.
officer-refusal-day = Enter a day, such as 2026-11-25.

certificate-none = No certificate has been entered.
certificate-number = Certificate number
certificate-issuer = Issued by
certificate-validity = Valid
certificate-from = Valid from
certificate-until = Valid until
certificate-register = Enter certificate
certificate-end = End
certificate-ended = Ended
certificate-expired = Expired
certificate-future = Not yet valid
certificate-valid = Valid

one-time-title = One-time password
one-time-lead = This password is shown on this page only. Hand it over in person. It opens one sign-in only, at which the officer chooses a password of their own; if that is broken off, reset it again.
one-time-password = Password
one-time-done = Noted; show the officer

record-title = Record
record-lead = Every act of this bureau has a number and stands in a record that cannot be rewritten.
record-unwitnessed-title = Not yet witnessed by neighbours
record-unwitnessed = Until neighbouring bureaus witness our checkpoints, a holder of our signing key who rewrites the tail of the record stays unseen. Proofs that were taken out before are not affected: a rewritten record contradicts them.
record-checkpoint = Latest checkpoint
record-ledger = Name of the record
record-key = Public key ({ $suite })
record-empty = The record holds no act yet.
record-checkpoint-help = A checkpoint holds the name of the record, the number of acts, the root hash (Base64) and the signature. Public tools can check it by RFC 6962 and the C2SP specifications: anyone reads it at /checkpoint and the hashes at /tile/, an auditor the entries too.
record-key-change = Change the signing key
record-key-change-help = The old key introduces the new one by an act; checkpoints are signed by the new key from there on. Earlier checkpoints and proofs are still verified with the old public key. Afterwards keep the file ledger.pub from the data folder elsewhere.
record-key-reason = Why the key is changed
record-key-changed = A new key signs the record from now on
record-refusal-key-reason = Say why the key is changed, in four characters at least.
record-words = Kind of act, or matter
record-acts = All acts
record-number = No.
record-kind = Act
record-matter = Matter
record-recorded = Recorded

act-title = Act no. { $number }
act-kind = Act
act-proof-holds = Proof holds
act-proof-fails = Proof does not hold
act-proof-help = Computed anew just now from the stored bytes: this act is included in the signed checkpoint.
act-proof-fails-advice = The record may have been tampered with. Do not rely on this act, and tell your administrator at once.
act-sequence = Place in its matter
act-actor = Done by
act-clock = Clock of the node
act-clock-behind = stood { $seconds } seconds behind the act before; the time of recording was kept
act-effective = Effective
act-reason = Reason
act-basis = Legal basis
act-id = Id
act-commitment = Hash of the body
act-body = Body
act-body-masked = Identity card and mobile numbers are masked.
act-body-closed = You may not read the body of this act, but you can see that it exists and where it stands.
act-body-erased = The body was erased by law; the proof still holds.
act-proof-take = Take out the proof
act-proof-recorded = Taking out a proof is recorded.
actor-node = The node itself
actor-command = Command at the machine ({ $name })
actor-public = A member of the public

act-officer-appointed = Officer appointed
act-officer-roles-changed = Posts changed
act-officer-territory-changed = Territory changed
act-officer-team-changed = Team changed
act-officer-certificate-registered = Certificate entered
act-officer-certificate-ended = Certificate ended
act-officer-password-reset = Password reset
act-officer-dismissed = Officer dismissed
act-data-revealed = Masked data shown
act-key-introduced = New signing key introduced
act-key-replaced = Lost signing key replaced
act-proof-handed-out = Proof taken out
act-file-handed-out = A file taken out

disclosures-title = Disclosures
disclosures-lead = Masked personal data shown in full and proofs taken out leave their trace here.
disclosures-words = Matter or reason
disclosures-about = About

reveal-title = Show masked data
reveal-value = In full
reveal-hint = At least four characters; say what it is for. The reason is recorded.
reveal-button = Show
reveal-recorded = This has been recorded. After leaving this page a new reason is needed.
reveal-back = Back
reveal-refusal-reason = Say why, in at least four characters.

error-refused = This cannot be done
error-refused-advice = For these reasons:
error-denied = Not within your powers
error-denied-advice = Your post or territory does not cover this. If you need it, ask your administrator.
error-forged = We cannot tell where this came from
error-forged-advice = The page may have been open too long, or the form did not come from this platform. Go back, reload the page and send it again.
error-missing = No such page
error-missing-advice = The address may be wrong, or what it names is not within your view.
error-hurried = Please wait a little
error-hurried-advice = Too many tries. Try again in { $seconds } seconds.
error-large = Too large
error-large-advice = What you sent is over the limit. Compress it or send it in parts.
error-malformed = The request is not in order
error-malformed-advice = Something was missing, or the browser sent it wrong. Go back and try again.
error-failed = Something broke
error-failed-advice = The request could not be completed. If you were recording something, look whether it was saved before you send it again. If it still fails, give the request number below to your administrator.
error-doubtful = It is not certain whether this was recorded
error-doubtful-advice = The connection to the database broke off. Look whether it was recorded before repeating it; if in doubt, give the request number below to your administrator.
error-full = The disk is full: this was not recorded
error-full-advice = There is no room left on the disk of this node. What you sent was not recorded; everything recorded before is safe. Ask your administrator to make room, then send it again; the request number below tells where it stands in the log.
error-request = If you ask your administrator, give this request number:
error-home = To the home page

paper-missing-glyph = No font of the papers has “{ $character }” ({ $code }, { $place }, page { $page }, near “{ $near }”). The paper is not issued; install a font that has it.
paper-hidden-character = { $place } holds an invisible character ({ $code }). Delete it and type it again.
paper-off-the-sheet = On page { $page }, near “{ $near }”, the content leaves the sheet. The paper is not issued; shorten what stands there.
paper-template = The paper template { $template } is at fault on line { $line }: { $what }.

operation-title = Operation
operation-lead = How this node fares; looked at { $time }, again every 30 seconds.
operation-parts = Parts of the node
operation-part = Part
operation-state = State
operation-measured = Measured
operation-advice = What it means, what to do
operation-well = In order
operation-look = Look at it
operation-act = Act now
operation-help = The operator's guide tells what to do for each line. The same figures are at /metrics for Prometheus.
operation-program = Program
operation-version = Version { $version }
operation-sessions = { $count ->
    [one] { $count } officer signed in
   *[other] { $count } sessions signed in
}
operation-queue = Writing
operation-waiting = { $count } waiting to be written
operation-written = { $commands } commands in { $commits } commits since the start
operation-queue-long = The node does not keep up with writing. Look at the load and the speed of the disk.
operation-database = Database
operation-size = { $engine }, { $size }
operation-log = Write-ahead log { $size }
operation-disk = Disk of the data folder
operation-free = { $size } free
operation-disk-little = Room is running out: make room or move the data to a larger disk.
operation-disk-full = Almost no room is left: acts will soon be refused. Make room now.
operation-backup = Backup
operation-taken = Newest taken { $time }
operation-backup-not-set-up = Not set up: if this disk fails, everything is lost. Set backups up in the configuration.
operation-backup-unreadable = The folder of backups cannot be read. See whether its disk is there.
operation-backup-none = Set up, but none has been taken yet.
operation-backup-late = The newest backup is more than a day old. See whether the folder has room and the chore runs.
operation-backup-old = The newest backup is more than a week old: a failed disk would cost that week. Take one now.
operation-witness = Witnesses
operation-checkpoint = Newest checkpoint: { $count } acts, { $time }
operation-witness-none = Not witnessed: whoever holds the key could rewrite the tail of the record unseen. Keep a checkpoint elsewhere from time to time (comity checkpoint).
operation-calendar = Working calendar
operation-published = Published until { $day }
operation-calendar-ending = The next year's days off are not in the law data yet. Install the version that holds them once they are published.
operation-calendar-over = Days off of this time are not in the law data: deadlines are provisional. Install the version that holds them.
operation-keys = Signing key
operation-chores = Chores
operation-chore = Chore
operation-ended = Last run ended
operation-failing = Failing
operation-chore-failing = The last run failed; the chore tries again by itself. The log holds every failure.
operation-chore-waiting = Has not run since the start.
operation-chore-stuck = Began long ago and has not come again. If it stays so, restart the node.
