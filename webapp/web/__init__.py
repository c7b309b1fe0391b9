"""Between a browser and any integration: sessions without cookies, headers, pages, forms, errors, languages."""
