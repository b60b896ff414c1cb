// Before the first paint: the theme this device chose, and that scripts run. Stored on the device only.
document.documentElement.classList.add("js");
try {
  const theme = localStorage.getItem("fifteen-theme");
  if (theme) document.documentElement.dataset.theme = theme;
} catch {} // private mode: the system's theme it is
