// All flows of the page, in one process with one browser.
import './first_use.mjs';
import './requests.mjs';
import './records.mjs';
import './control.mjs';
import './operations.mjs';
import './scenarios.mjs';
import './hostile.mjs';
import './accessible.mjs';
