// The page of a run: takes the numbers that the command put into it and shows them.
import { drawAll } from "./chart.js";
import { showColumns } from "./columns.js";
import { showCurves } from "./curves.js";
import { showMap } from "./map.js";
import { showPictures } from "./pictures.js";
import { showScores } from "./scores.js";
import { showSettings, showSummary } from "./summary.js";
import { showUnits } from "./units.js";

const data = JSON.parse(document.getElementById("data").textContent);
showSummary(data);
showCurves(data);
showUnits(data);
showMap(data);
showPictures(data);
showColumns(data);
showScores(data);
showSettings(data);
drawAll();
performance.mark("can be used");
