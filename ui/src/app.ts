/** Everything here improves pages that already work without it. */
import "htmx.org";
import "./closing";
import "./errors";
import "./file-field";
import "./filter-fold";
import "./job-progress";
import "./live-update";
import "./once";
import "./preferences";
import "./region-map";
import "./shortcuts";
import "./upload";
