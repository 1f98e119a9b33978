// Boots the recorder on the page.
import "./stream";
