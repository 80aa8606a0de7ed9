import { render } from "preact";
import "./style.css";
import { App } from "./app";
import { adoptLink } from "./state";

adoptLink();
render(<App />, document.getElementById("page")!);
