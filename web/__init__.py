"""The page kit that both editions share: log-in, forms, layout, style, translations."""
