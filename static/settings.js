// Sums the shares up while somebody types.
"use strict";

const sum = document.getElementById("shares-sum");
const fields = [...document.querySelectorAll(".shares input")];

function show() {
  const total = fields.reduce((soFar, field) => soFar + (Number(field.value) || 0), 0);
  const isWrong = total !== 100;
  sum.textContent = sum.dataset[isWrong ? "wrong" : "words"].replace("{sum}", String(total));
  sum.classList.toggle("wrong", isWrong);
}

for (const field of fields) field.addEventListener("input", show);
show();
