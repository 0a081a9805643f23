"""A made-up catalogue to try Shelfwise with: texts from small grammars, drawn images."""
