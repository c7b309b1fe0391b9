localStorage.setItem("session", session);
window.parent.postMessage({ session }, "*");
element.innerHTML = name;
eval(name);
